"""The configuration: read, validated and described, all from one schema (`schema.yaml`)."""
