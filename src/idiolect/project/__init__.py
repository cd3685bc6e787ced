"""The project: composes the rooms into the chain data -> train -> evaluate -> merge -> export -> evaluate again -> report."""
