"""The pages of actions and reviews."""
