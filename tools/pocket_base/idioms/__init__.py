"""What the pocket base's specification pairs are made of: small things to ask for, each with the Python that does it."""
