"""Arguments that share memory: a store through one is seen through the other at once."""
# types: from-arguments
# let: a = np.arange(8.0)
# let: m = np.arange(12).reshape(3, 4)


def store_and_read(a, b):
    a[0] = 100.0
    x = b[0]
    b[1] = 200.0
    return x, a[1]


def prefix(out, a):
    for k in range(1, len(a)):
        out[k] = a[k - 1] + a[k]


def axpy(y, x, c):
    for k in range(len(x)):
        y[k] += c * x[k]


def row_and_column(r, c):
    for k in range(len(r)):
        r[k] += c[k % len(c)]


def copy_forward(dst, src):
    for k in range(len(src)):
        dst[k] = src[k]


def three(a, b, c):
    a[:] = b + 1
    c[:] = a + b
    return b[0]


def hoisting_trap(a, n):
    for k in range(len(a)):
        a[k] = n[0]
        n[0] += 1


def bound_in_memory(a, n):
    k = 0
    while k < n[0]:
        a[k] = n[0] - k
        k += 1
    return k


def cast_between(a, b):
    a[0] = b[1]
    b[0] = a[1]


# run: store_and_read(a, a)
# run: store_and_read(a, a[1:])
# run: store_and_read(a, a[::-1])
# run: store_and_read(a[::2], a[1::2])
# run: store_and_read(a[:4], a[4:])
# run: prefix(a, a)
# run: prefix(a[1:], a[:-1])
# run: prefix(a[:-1], a[1:])
# run: prefix(a[::-1], a)
# run: axpy(a, a, 2.0)
# run: axpy(a[1:], a[:-1], 1.0)
# run: axpy(a[:-1], a[1:], 1.0)
# run: axpy(a[::-1], a, 0.5)
# run: row_and_column(m[1], m[:, 1])
# run: row_and_column(m[:, 1], m[1])
# run: row_and_column(m[0], m[0, ::-1])
# run: copy_forward(a[1:], a[:-1])
# run: copy_forward(a[3:], a[:-3])
# run: copy_forward(a[:-1], a[1:])
# run: copy_forward(a, a[::-1])
# run: three(a[:4], a[2:6], a[4:])
# run: three(a, a, a)
# run: three(a[:4], a[1:5], a[:4])
# run: hoisting_trap(m[0], m[0])
# run: hoisting_trap(m[0], m[0, 2:])
# run: hoisting_trap(m[0], m[1])
# run: bound_in_memory(np.array([3, 0, 0, 0]), np.array([3]))
# run: bound_in_memory((n := np.array([5, 0, 0, 0, 0, 0])), n)
# run: bound_in_memory((n := np.array([0, 0, 3])), n[2:])
# run: cast_between(a, a[1:])
# run: cast_between(a, (b := a.view(np.int64))[2:]) 
