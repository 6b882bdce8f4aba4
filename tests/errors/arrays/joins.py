# gelcap: export f(float64[::1], float64[:, ::1], int32[::1], bool)
def f(a, m, i, flag):
    if flag:
        b = a
        c = a
    else:
        b = m
        c = i
    return b[0], c[0]
