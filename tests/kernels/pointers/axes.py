"""Arrays of several axes over pointers: `carray`, `farray` and `as_array`, as the founding documents use them."""
from numpy.ctypeslib import as_array
from gelcap import carray, farray, float64
import numpy as np
# gelcap: export transform(int64*, float64*, int32, int32, float64*)
# gelcap: export transform_loop(int64*, float64*, int32, int32, float64*)
# gelcap: export double_all(float64*, float64*, int32, int32)
# gelcap: export double_f(float64*, float64*, int32, int32)
# gelcap: export by_shape(float64*, float64*, int, int)
# gelcap: export untyped(void*, int)
# gelcap: export slices(float32*, int)
# gelcap: export read(const float64*, int, int)
# gelcap: export fails(float64*, int, int)


def transform(output_coordinates, input_coordinates, output_rank, input_rank, user_data):
    shift = user_data[0]
    input_data = as_array(input_coordinates, input_rank)
    output_data = as_array(output_coordinates, output_rank)
    input_data[:] = output_data - shift
    return 1


def transform_loop(output_coordinates, input_coordinates, output_rank, input_rank, user_data):
    shift = user_data[0]
    for i in range(input_rank):
        input_coordinates[i] = output_coordinates[i] - shift
    return 1


def double_all(in_, out, m, n):
    in_array = carray(in_, (m, n))
    out_array = carray(out, (m, n))
    for i in range(m):
        for j in range(n):
            out_array[i, j] = 2 * in_array[i, j]


def double_f(in_, out, m, n):
    in_array = farray(in_, (m, n))
    out_array = carray(out, (m, n))
    for i in range(m):
        for j in range(n):
            out_array[i, j] = 2 * in_array[i, j]
    return in_array[-1, 0], in_array.strides[0], out_array.T.strides[0]


def by_shape(p, q, m, n):
    shape = (m, n)
    a = as_array(p, shape)
    b = carray(q, a.shape)
    b[...] = a[::-1, ::-1]
    b[0] += 1.0
    return b.shape, b.size


def untyped(p, n):
    a = carray(p, n, float64)
    s = 0.0
    for x in a:
        s += x
    return float(s)


def slices(p, n):
    a = carray(p, n)
    a[1:] += a[:-1]
    return a[-1]


def read(p, m, n):
    a = carray(p, (m, n))
    t = a.T
    return t[n - 1, 0] + a[0, -1]


def fails(p, m, n):
    a = carray(p, (m, n))
    return a[m, 0]


# run: transform(ptr(int64, [5, -3]), ptr(float64, [0.0, 0.0]), 2, 2, ptr(float64, [0.5])) == 1
# run: transform(ptr(int64, [5, -3]), ptr(float64, [0.0, 0.0]), 1, 2, ptr(float64, [0.5]))
# run: transform(ptr(int64, [5, 2, 1]), ptr(float64, [0.0, 0.0]), 3, 2, ptr(float64, [0.5])) raises ValueError
# run: transform(ptr(int64, [5]), ptr(float64, [0.0]), 0, 0, ptr(float64, [0.5]))
# run: transform_loop(ptr(int64, [5, -3]), ptr(float64, [0.0, 0.0]), 2, 2, ptr(float64, [0.5])) == 1
# run: double_all(ptr(float64, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), ptr(float64, [0.0] * 6), 2, 3)
# run: double_all(ptr(float64, [1.0]), ptr(float64, [0.0]), 0, 3)
# run: double_all(ptr(float64, [1.0]), ptr(float64, [0.0]), -1, 3) raises ValueError
# run: double_f(ptr(float64, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), ptr(float64, [0.0] * 6), 2, 3)
# run: by_shape(ptr(float64, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]), ptr(float64, [0.0] * 6), 2, 3)
# run: untyped(ptr(float64, [1.0, 2.0, 3.0]), 3)
# run: slices(ptr(float32, [1.0, 2.0, 3.0]), 3)
# run: slices(ptr(float32, [1.0]), 0) raises IndexError
# run: read(ptr(float64, [1.0, 2.0, 3.0, 4.0]), 2, 2)
# run: fails(ptr(float64, [1.0, 2.0, 3.0, 4.0]), 2, 2) raises IndexError "index 2 is out of bounds for axis 0 with size 2"
