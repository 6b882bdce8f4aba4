"""NEP 50: NumPy scalars by the promotion table, Python scalars weak."""
# gelcap: export i8_u8(int8, uint8)
# gelcap: export i32_u32(int32, uint32)
# gelcap: export i64_u64(int64, uint64)
# gelcap: export i8_i64(int8, int64)
# gelcap: export u8_f32(uint8, float32)
# gelcap: export i16_f32(int16, float32)
# gelcap: export i32_f32(int32, float32)
# gelcap: export i64_f32(int64, float32)
# gelcap: export i8_int(int8, int)
# gelcap: export u8_literal(uint8)
# gelcap: export u64_int(uint64, int)
# gelcap: export i8_float(int8, float)
# gelcap: export i32_float(int32, float)
# gelcap: export bool_bool(bool_, bool_)
# gelcap: export bool_int(bool_, int)
# gelcap: export bool_i8(bool_, int8)
# gelcap: export pybool_i8(bool, int8)
# gelcap: export u8_u16(uint8, uint16)
# gelcap: export compare_i8_u64(int8, uint64)
# gelcap: export compare_i8_int(int8, int)


def i8_u8(a, b):
    return a + b


def i32_u32(a, b):
    return a * b


def i64_u64(a, b):
    return a + b


def i8_i64(a, b):
    return a - b


def u8_f32(a, b):
    return a * b


def i16_f32(a, b):
    return a * b


def i32_f32(a, b):
    return a * b


def i64_f32(a, b):
    return a * b


def i8_int(a, b):
    return a + b


def u8_literal(a):
    return a + 200, a * 2, 255 - a


def u64_int(a, b):
    return a + b


def i8_float(a, b):
    return a * b


def i32_float(a, b):
    return a + b


def bool_bool(a, b):
    return a + b, a * b, a & b, a | b, a ^ b


def bool_int(a, b):
    return a + b


def bool_i8(a, b):
    return a + b


def pybool_i8(a, b):
    return a + b


def u8_u16(a, b):
    return a * b


def compare_i8_u64(a, b):
    return a < b, a == b, a > b


def compare_i8_int(a, b):
    return a < b, a == b, a > b


# run: i8_u8(-1, 255) == np.int16(254)
# run: i32_u32(-1, 4294967295) == np.int64(-4294967295)
# run: i64_u64(-1, 1) == np.float64(0.0)
# run: i64_u64(9223372036854775807, 18446744073709551615) == np.float64(2.7670116110564327e+19)
# run: i8_i64(-128, 9223372036854775807) == np.int64(9223372036854775681)
# run: u8_f32(3, 0.1) == np.float32(0.30000001192092896)
# run: i16_f32(3, 0.1) == np.float32(0.30000001192092896)
# run: i32_f32(3, 0.1) == np.float64(0.30000000447034836)
# run: i64_f32(3, 0.1) == np.float64(0.30000000447034836)
# run: i8_int(100, 27) == np.int8(127)
# run: i8_int(100, 28) == np.int8(-128)
# run: i8_int(1, 128) raises OverflowError "Python integer 128 out of bounds for int8"
# run: i8_int(1, -128) == np.int8(-127)
# run: i8_int(-1, -128) == np.int8(127)
# run: i8_int(1, -129) raises OverflowError "Python integer -129 out of bounds for int8"
# run: u8_literal(10) == (np.uint8(210), np.uint8(20), np.uint8(245))
# run: u8_literal(100) == (np.uint8(44), np.uint8(200), np.uint8(155))
# run: u64_int(1, 5) == np.uint64(6)
# run: u64_int(1, -5) raises OverflowError "Python integer -5 out of bounds for uint64"
# run: i8_float(3, 0.1) == np.float64(0.30000000000000004)
# run: i32_float(3, 0.1) == np.float64(3.1)
# run: bool_bool(True, True) == (np.bool_(True), np.bool_(True), np.bool_(True), np.bool_(True), np.bool_(False))
# run: bool_bool(True, False) == (np.bool_(True), np.bool_(False), np.bool_(False), np.bool_(True), np.bool_(True))
# run: bool_int(True, 5) == np.int64(6)
# run: bool_i8(True, 127) == np.int8(-128)
# run: pybool_i8(True, 127) == np.int8(-128)
# run: u8_u16(255, 300) == np.uint16(10964)
# run: compare_i8_u64(-1, 18446744073709551615) == (np.bool_(True), np.bool_(False), np.bool_(False))
# run: compare_i8_u64(5, 5) == (np.bool_(False), np.bool_(True), np.bool_(False))
# run: compare_i8_int(5, 300) == (np.bool_(True), np.bool_(False), np.bool_(False))
# run: compare_i8_int(-5, -300) == (np.bool_(False), np.bool_(False), np.bool_(True))
# run: compare_i8_int(5, 5) == (np.bool_(False), np.bool_(True), np.bool_(False))
