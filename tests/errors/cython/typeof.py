import cython


# gelcap: export f(int)
def f(n):
    return cython.sizeof(cython.int) + cython.cdiv(n, 2)
