"""The trained model, explored."""
