"""The BBj pack: Business BASIC for Java, judged by its compiler or by the embedded syntax checker."""
