"""Gradients of the ELBO with respect to what the encoder gives, one a sample, by every estimator.

contract   what an estimator is, and the registries: NORMAL for Gaussian latents, BERNOULLI for bits
decoded    what the decoder says of a batch of z, and how that changes with z
draw       one batch of noise and what all estimators make of it
normal     the estimators of Gaussian latents
bernoulli  the estimators of bits; bernoulli_draw: their noise; bernoulli_moments: their moments as sums over codes
noise_grid noise that stands for all of it, for few latents
moments    mean and covariance of one sample out of weighted noise
k_samples  the K-sample bound: its gradients, and signal to noise against K
samples    the public entrance to samples
exact      the public entrance to exact gradients and variances; plane: for one or two Gaussian latents;
           over_codes: for bits
weights    mean and variance in the weights of the encoder, from those at its output
reference  the same from many samples, with standard errors, where nothing is exact
answers    what is known of an image, by exact or reference; coordinates: what each number is the gradient in
stream     the live run of several estimators on one noise
pixels     what a gradient means in pixels
"""

from explorer.vae.gradients import bernoulli, normal  # they fill the registries
from explorer.vae.gradients.contract import BERNOULLI, NORMAL, ElboEstimator

__all__ = ["BERNOULLI", "NORMAL", "ElboEstimator", "bernoulli", "normal"]
