"""The estimators, measured."""
