/* The founding callbacks in C, and drivers that call a callback many times with nothing else in the loop. */
#include <math.h>
#include <stdint.h>

double f(int n, double *x, void *user_data) {
    double c = *(double *)user_data;
    return c + x[0] - x[1] * x[2];
}

double integrand(double t) { return exp(-t) / (t * t); }

int transform_basic(intptr_t *out, double *in, int out_rank, int in_rank, void *user_data) {
    double shift = *(double *)user_data;
    for (int i = 0; i < in_rank; i++) in[i] = (double)out[i] - shift;
    return 1;
}

double drive_f(double (*g)(int, double *, void *), long count) {
    double x[3] = {1.0, 2.0, 3.0}, c = 1.0, s = 0.0;
    for (long i = 0; i < count; i++) { x[0] = (double)i; s += g(3, x, &c); }
    return s;
}

double drive_integrand(double (*g)(double), long count) {
    double s = 0.0;
    for (long i = 0; i < count; i++) s += g(1.0 + (double)i * 1e-3);
    return s;
}

double drive_transform(int (*g)(intptr_t *, double *, int, int, void *), long count) {
    intptr_t out[2] = {0, 0};
    double in[2] = {0.0, 0.0}, shift = 0.5, s = 0.0;
    for (long i = 0; i < count; i++) { out[0] = i; g(out, in, 2, 2, &shift); s += in[0] + in[1]; }
    return s;
}
