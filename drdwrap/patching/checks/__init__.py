"""Does the clone still boot by itself? One module a question; `all_checks` asks all of them."""
