"""What the integration tests stand on: loop images, a pair of trees, running the tool."""
