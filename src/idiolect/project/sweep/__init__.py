"""`idiolect sweep`: short runs of one stage with several rates, ranks and seeds, and which of them to use."""
