"""Afterwards: what a person who sent a referral does with it once it is sent, and is told of it."""
