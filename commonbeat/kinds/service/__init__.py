"""The request for a service, and the security survey that some of them ask for."""
