# Numba's document lost one `types.CPointer(types.double)` of the signature.
# gelcap: export capsule my_callback(float64*, int32, int32)
from gelcap import carray


def my_callback(in_, out, m, n):
    in_array = carray(in_, (m, n))
    out_array = carray(out, (m, n))
    for i in range(m):
        for j in range(n):
            out_array[i, j] = 2 * in_array[i, j]
