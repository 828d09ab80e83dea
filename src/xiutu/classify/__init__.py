"""Custom image classification: data sets, training, evaluation, publishing."""
