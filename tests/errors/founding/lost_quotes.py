# A docstring that lost its quotes, in Numba's document.
import scipy.integrate as si


def do_integrate(func):
    Integrate the given function from 1.0 to +inf.
    return si.quad(func, 1, np.inf)
