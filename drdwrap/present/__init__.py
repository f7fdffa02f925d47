"""Tables, colour, JSON and progress: nothing else of drdwrap prints results or imports this."""
