"""The variational autoencoder: model, bound, data, training, shipped weights. Needs torch and `explorer.core`."""
