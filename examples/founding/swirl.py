"""A geometric transform for the eye: the picture is turned about its middle, most of all in the middle."""

import math


# pythran export capsule swirl(int64*, float64*, int32, int32, float64*)
def swirl(output_coordinates, input_coordinates, output_rank, input_rank, user_data):
    middle_y, middle_x, turn, radius = user_data[0], user_data[1], user_data[2], user_data[3]
    y = output_coordinates[0] - middle_y
    x = output_coordinates[1] - middle_x
    angle = turn * math.exp(-(x * x + y * y) / (radius * radius))
    cosine, sine = math.cos(angle), math.sin(angle)
    input_coordinates[0] = middle_y + cosine * y - sine * x
    input_coordinates[1] = middle_x + sine * y + cosine * x
    return 1
