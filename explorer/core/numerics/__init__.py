"""What integrals and statistics are made of: tensors in, tensors out. Knows no distribution."""
