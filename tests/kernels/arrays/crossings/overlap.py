"""Overlapping operands: as if the right-hand side were evaluated first."""
# types: from-arguments
# let: a = np.arange(1.0, 9.0)
# let: i = np.arange(1, 9, dtype=np.int8) * 16
# let: m = np.arange(9.0).reshape(3, 3)


def add_reversed(a):
    a += a[::-1]


def shift_up(a):
    a[1:] = a[:-1]


def shift_down(a):
    a[:-1] = a[1:]


def smear(a):
    a[1:] += a[:-1]


def smear_back(a):
    a[:-1] += a[1:]


def reversed_in_place(a):
    a[:] = a[::-1]


def add_transposed(m):
    m += m.T


def transpose_in_place(m):
    m[...] = m.T


def second_difference(a):
    a[1:-1] = a[:-2] - 2 * a[1:-1] + a[2:]


def first_row_everywhere(m):
    m[:] = m[0]


def first_column_everywhere(m):
    m[:] = m[:, :1]


def scaled_by_corner(m):
    m *= m[1:2, 1:2]


def scaled_by_element(a):
    a *= a[1]


def between(a, b):
    a += b
    return a[0]


def copied(a, b):
    a[:] = b


def three(a, b, c):
    a[:] = b - c


def product(a, b):
    a *= b[::-1]


def interleaved(a):
    a[::2] = a[1::2]


def every_second(a):
    a[::2] += a[: len(a) // 2]


def named_views(a):
    b = a[1:]
    c = a[:-1]
    b[:] = c * 2.0
    return b


# run: add_reversed(a)
# run: add_reversed(i)
# run: add_reversed(a[::-1])
# run: add_reversed(a[1::3])
# run: add_reversed(a[:1])
# run: add_reversed(a[:0])
# run: add_reversed(np.arange(300.0))
# run: add_reversed(m)
# run: shift_up(a)
# run: shift_up(i)
# run: shift_up(a[::-1])
# run: shift_up(a[::2])
# run: shift_up(a[:1])
# run: shift_up(np.arange(1000) % 7)
# run: shift_down(a)
# run: shift_down(i)
# run: shift_down(a[::-1])
# run: shift_down(m)
# run: smear(a)
# run: smear(i)
# run: smear(a[::-1])
# run: smear(m)
# run: smear(m.T)
# run: smear(np.ones(1000, np.int16))
# run: smear_back(a)
# run: smear_back(i)
# run: reversed_in_place(a)
# run: reversed_in_place(i)
# run: reversed_in_place(a[:7])
# run: reversed_in_place(m)
# run: add_transposed(m)
# run: add_transposed(np.asfortranarray(m))
# run: add_transposed(np.arange(16, dtype=np.uint8).reshape(4, 4)[::-1])
# run: transpose_in_place(m)
# run: transpose_in_place(m[1:, 1:])
# run: transpose_in_place(m[::-1])
# run: second_difference(a)
# run: second_difference(i)
# run: second_difference(a[:2])
# run: first_row_everywhere(m)
# run: first_row_everywhere(m[::-1])
# run: first_row_everywhere(m.T)
# run: first_row_everywhere(m[:0]) raises IndexError
# run: first_column_everywhere(m)
# run: first_column_everywhere(m.T)
# run: scaled_by_corner(m + 2.0)
# run: scaled_by_element(a)
# run: between(a[1:], a[:-1])
# run: between(a[:-1], a[1:])
# run: between(a, a)
# run: between(a, a[::-1])
# run: between(a[::2], a[1::2])
# run: between(a[:4], a[4:])
# run: between(m[1:], m[:-1])
# run: between(m, m[0])
# run: between(m, m[:, 1:2])
# run: between(i[::-1], i)
# run: between(a[:4], a[2:7]) raises ValueError
# run: copied(a[3:], a[:-3])
# run: copied(a[:-3], a[3:])
# run: copied(a[::2], a[4:])
# run: copied(m, m.T)
# run: copied(m, m[2])
# run: three(a[1:-1], a[2:], a[:-2])
# run: three(a[2:], a[1:-1], a[:-2])
# run: three(a, a[::-1], a)
# run: three(m, m.T, m[::-1])
# run: product(a, a)
# run: product(a[:-2], a[2:])
# run: interleaved(a)
# run: interleaved(i)
# run: every_second(a)
# run: every_second(i)
# run: named_views(a)
