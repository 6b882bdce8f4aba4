# The array of one column as it is printed.
import numpy as np

filter = np.array([,,], dtype=np.int)
