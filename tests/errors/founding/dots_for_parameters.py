# The Cython document writes dots for what it leaves out.
def naive_convolve(object[DTYPE_t, ndim=2] f, ...):
    pass
