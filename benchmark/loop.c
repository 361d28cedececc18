/* Sweeps of R small nets at once, one net in each lane of the processor's vectors: the practical
   limit of the machine, against which the other ways to train are held.

   A block of LANES nets is loaded once, makes all its sweeps in the first and second cache, and is
   stored; blocks are spread over threads. Within a sweep CHUNK cases go forward and backward
   together, in tiles of units x cases whose sums stay in registers. Inputs and targets are data, as
   for the others: nothing is left out because an input is 0.

   c_loop.py writes a header for each net, so that all sizes are known here:
     CASES, UNITS (computed units), ROWS (weights and biases of one net),
     NET_FORWARD   ACTIVITY(unit, size, bias, sources) for each group in order; each source is
                   FROM(in, ...) for an input group or FROM(y, ...) for a computed one;
     NET_BACKWARD  for each group in reverse order SLOPE(unit, size, bias, receivers), each receiver
                   OUTPUT(unit, target) or BACK(...), then a GRADIENT(...) for each of its sources.
   unit, source, receiver: first unit of a group; size, count: units of it; bias, row: first weight
   row, with w_ji of a link at row + j * count + i. */

#ifdef __AVX512F__
#include <immintrin.h>
#define LANES 16
#elif defined __AVX__
#define LANES 8
#else
#define LANES 4
#endif

#if CASES % 8 == 0 && defined __AVX512F__ /* 32 registers */
#define CHUNK 8
#elif CASES % 4 == 0
#define CHUNK 4
#else
#define CHUNK 1
#endif

typedef float lanes __attribute__((vector_size(4 * LANES)));
typedef int whole __attribute__((vector_size(4 * LANES)));
typedef float loose __attribute__((vector_size(4 * LANES), aligned(4)));

#define INLINE static inline __attribute__((always_inline))
#define UNROLL _Pragma("GCC unroll 16")
#define ZERO ((lanes){0})

/* In each lane a where `which` holds (all bits set), else b. */
INLINE lanes either(whole which, lanes a, lanes b)
{
    return (lanes)((which & (whole)a) | (~which & (whole)b));
}

/* 2^r for r in -1/2..1/2, relative error 9e-8 (the polynomial of least largest error). */
INLINE lanes power_of_two(lanes r)
{
    lanes p = r * 1.32647e-3f + 9.67151e-3f;
    p = p * r + 5.550734e-2f;
    p = p * r + 2.4022242e-1f;
    p = p * r + 6.9314698e-1f;
    return p * r + 1.f;
}

/* Equation 2 as 1 / (1 + 2^t), t = -x log2(e). */
INLINE lanes squash(lanes t)
{
#ifdef __AVX512DQ__
    t = _mm512_min_ps(t, _mm512_set1_ps(126.f));
    lanes power = power_of_two(_mm512_reduce_ps(t, 0));
    lanes below = 1.f + (lanes)_mm512_scalef_ps(power, _mm512_roundscale_ps(t, 0));
    lanes guess = _mm512_rcp14_ps(below);
    return guess * (2.f - below * guess); /* one step of Newton's doubles its 14 bits */
#else
    t = either(t < -126.f, ZERO - 126.f, either(t > 126.f, ZERO + 126.f, t));
    whole n = __builtin_convertvector(t + 127.5f, whole);
    lanes power = power_of_two(t - __builtin_convertvector(n - 127, lanes));
    return 1.f / (1.f + power * (lanes)(n << 23));
#endif
}

/* BODY for every tile of WIDTH (constant N) of the SIZE units, and for the rest; AT is the first. */
#define TILES(AT, N, SIZE, WIDTH, ...)                                                             \
    {                                                                                              \
        int AT = 0;                                                                                \
        for (; AT + WIDTH <= SIZE; AT += WIDTH) {                                                  \
            enum { N = WIDTH };                                                                    \
            __VA_ARGS__                                                                            \
        }                                                                                          \
        if (SIZE % WIDTH) {                                                                        \
            enum { N = SIZE % WIDTH };                                                             \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }
#define EACH UNROLL for (int j = 0; j < J; j++) UNROLL for (int c = 0; c < CHUNK; c++)

/* Equations 1 and 2. scaled: the weights times -log2(e), so that squash needs no product. */
#define ACTIVITY(unit, size, bias, SOURCES)                                                        \
    TILES(at, J, size, 2,                                                                          \
        lanes x[J][CHUNK];                                                                         \
        EACH x[j][c] = scaled[bias + at + j];                                                      \
        SOURCES                                                                                    \
        EACH y[unit + at + j][c] = squash(x[j][c]);)
#define FROM(values, source, count, row)                                                           \
    for (int i = 0; i < count; i++)                                                                \
        EACH x[j][c] += scaled[row + (at + j) * count + i] * values[source + i][c];

/* Equations 4, 7 and 5, and equation 6 for the biases. */
#define SLOPE(unit, size, bias, RECEIVERS)                                                         \
    TILES(at, J, size, 2,                                                                          \
        lanes slope[J][CHUNK];                                                                     \
        EACH slope[j][c] = ZERO;                                                                   \
        RECEIVERS                                                                                  \
        EACH slope[j][c] *= y[unit + at + j][c] - y[unit + at + j][c] * y[unit + at + j][c];       \
        EACH dE_dx[unit + at + j][c] = slope[j][c];                                                \
        UNROLL for (int j = 0; j < J; j++) {                                                       \
            lanes sum = ZERO;                                                                      \
            UNROLL for (int c = 0; c < CHUNK; c++) sum += slope[j][c];                             \
            dE_dw[bias + at + j] += sum;                                                           \
        })
#define OUTPUT(unit, target) EACH slope[j][c] += y[unit + at + j][c] - d[target + at + j][c];
#define BACK(receiver, size, count, row)                                                           \
    for (int k = 0; k < size; k++)                                                                 \
        EACH slope[j][c] += w[row + k * count + at + j] * dE_dx[receiver + k][c];

/* Equation 6, summed over the chunk's cases. */
#define GRADIENT(values, unit, size, source, count, row)                                           \
    TILES(j0, J, size, 2, TILES(i0, I, count, 6,                                                   \
        lanes *to = dE_dw + row + j0 * count + i0;                                                 \
        lanes sum[J][I];                                                                           \
        UNROLL for (int j = 0; j < J; j++)                                                         \
            UNROLL for (int i = 0; i < I; i++) sum[j][i] = to[j * count + i];                      \
        for (int c = 0; c < CHUNK; c++)                                                            \
            UNROLL for (int j = 0; j < J; j++)                                                     \
                UNROLL for (int i = 0; i < I; i++)                                                 \
                    sum[j][i] += dE_dx[unit + j0 + j][c] * values[source + i0 + i][c];             \
        UNROLL for (int j = 0; j < J; j++)                                                         \
            UNROLL for (int i = 0; i < I; i++) to[j * count + i] = sum[j][i];))

/* Forward and backward over CHUNK cases; adds to dE_dw. */
INLINE void present(const lanes *restrict w, const lanes *restrict scaled, lanes *restrict dE_dw,
                    const float (*restrict in)[CASES], const float (*restrict d)[CASES])
{
    lanes y[UNITS][CHUNK], dE_dx[UNITS][CHUNK];
    NET_FORWARD
    NET_BACKWARD
}

/* weights, velocities: (ROWS, replicas), changed in place, replicas a multiple of LANES.
   inputs, targets: (units, CASES). Each sweep ends with the change of equation 9. */
void sweeps(float *weights, float *velocities, long replicas, const float *inputs,
            const float *targets, long count, float epsilon, float alpha, int threads)
{
#pragma omp parallel for num_threads(threads) schedule(dynamic)
    for (long first = 0; first < replicas; first += LANES) {
        lanes w[ROWS], velocity[ROWS], scaled[ROWS], dE_dw[ROWS];
        for (long p = 0; p < ROWS; p++) {
            w[p] = *(loose *)(weights + p * replicas + first);
            velocity[p] = *(loose *)(velocities + p * replicas + first);
        }
        for (long sweep = 0; sweep < count; sweep++) {
            for (int p = 0; p < ROWS; p++) {
                scaled[p] = w[p] * -1.44269504f;
                dE_dw[p] = ZERO;
            }
            for (int c = 0; c < CASES; c += CHUNK)
                present(w, scaled, dE_dw, (const float (*)[CASES])(inputs + c),
                        (const float (*)[CASES])(targets + c));
            for (int p = 0; p < ROWS; p++) {
                velocity[p] = alpha * velocity[p] - epsilon * dE_dw[p];
                w[p] += velocity[p];
            }
        }
        for (long p = 0; p < ROWS; p++) {
            *(loose *)(weights + p * replicas + first) = w[p];
            *(loose *)(velocities + p * replicas + first) = velocity[p];
        }
    }
}
