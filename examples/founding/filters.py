"""Callbacks for `scipy.ndimage.generic_filter` and `generic_filter1d`."""


def mean_filter(buffer, size, result, user_data):
    """The mean of the window."""
    total = 0.0
    for i in range(size):
        total += buffer[i]
    result[0] = total / size
    return 1


def running_sum(line, length, output, output_length, user_data):
    """The sum over each window of the line."""
    width = length - output_length + 1
    for i in range(output_length):
        total = 0.0
        for k in range(width):
            total += line[i + k]
        output[i] = total
    return 1
