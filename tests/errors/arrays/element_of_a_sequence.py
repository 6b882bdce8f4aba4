# gelcap: export f(float64[:, ::1])
def f(m):
    m[0, 0] = m[1]
    m[0] = "row"
    m[1] = (1.0, 2.0)
