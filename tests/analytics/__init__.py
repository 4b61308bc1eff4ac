"""Events and figures."""
