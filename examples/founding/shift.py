"""The geometric transform of Pythran's article, in its loop form."""


# pythran export capsule transform_basic(int64*, float64*, int32, int32, float64*)
def transform_basic(output_coordinates, input_coordinates, output_rank, input_rank, user_data):
    shift = user_data[0]
    for i in range(input_rank):
        input_coordinates[i] = output_coordinates[i] - shift
    return 1
