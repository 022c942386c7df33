"""The mathematics, with torch alone. Its rooms from the ground up; each imports only from those before it in this list.

parameters, device, randomness   a number with its range; the device; one seed for all that is random
numerics/       quadrature on the line, parameters in rows, moments and histograms of streams
families/       distributions: noise that never sees theta, then a transformation; objectives/: the functions f
draw            one draw of noise, and everything estimators make of it
expectations/   integrals over the noise, to the accuracy that is called exact
estimators/     one gradient a sample: score function, pathwise, measure-valued, and their kin
exact/          gradients of E f, and the mean and variance of one sample of any estimator
experiments/    what the pictures show, a file a subject
by_name         the entrances that take names, for notebooks
"""
