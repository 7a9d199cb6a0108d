"""The one confidence level of the house."""

# The 97.5 % quantile of the standard normal: every 95 % interval uses this value.
Z = 1.959963984540054
