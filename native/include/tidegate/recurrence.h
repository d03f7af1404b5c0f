/* The recurrence kernels of Tidegate: the whole C interface, and its manual.
 *
 * A recurrent layer is x·W_ih, which is one matrix product over all steps, and the recurrence proper, which runs the cell
 * along time, forward or backward. The product stays with the caller where weights are large; where W_ih and W_hh together
 * fit a core's own cache (tidegate_projects), the forward pass does it step by step, and no sums go through memory.
 *
 * Letters: B sequences, T steps, H hidden units, D directions (1 or 2), G row blocks of a weight (Elman 1, GRU 3,
 * LSTM 4), N rows: one for every true step of every sequence. All numbers are float32, all matrices row-major, gate
 * order is torch's: LSTM input, forget, cell, output; GRU reset, update, new.
 *
 * Rows. Whatever is kept a step (gates, memories, deltas) lies in matrices of N rows, and the caller says by
 * `tidegate_rows` which row belongs to step t of sequence b. So padded batches, sequences laid end to end, and torch's
 * PackedSequence need no copy. Outputs have rows of their own, which may be the same.
 *
 * Bits. Every number is summed in one fixed order whatever the batch, the schedule and the number of threads: a
 * sequence gives the same bits alone and in any batch, with the same instruction set.
 *
 * Threads. Every function may be called from several threads at once. `threads` is an upper bound; in a process forked
 * after the library was loaded it counts as 1, since OpenMP's pool does not survive a fork. Denormals are flushed to
 * zero inside, and the caller's setting is restored.
 */
#ifndef TIDEGATE_RECURRENCE_H
#define TIDEGATE_RECURRENCE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TIDEGATE_ABI 3
#define TIDEGATE_API __attribute__((visibility("default")))

enum tidegate_cell { TIDEGATE_ELMAN_TANH = 0, TIDEGATE_ELMAN_RELU = 1, TIDEGATE_LSTM = 2, TIDEGATE_GRU = 3 };

enum tidegate_status {
    TIDEGATE_OK = 0,
    TIDEGATE_BAD_LENGTH = 1, /* a length below 0 or above `time` */
    TIDEGATE_BAD_ARGUMENT = 2, /* an unknown cell, D not 1 or 2, H < 1, a pointer that is needed and missing */
    TIDEGATE_NO_MEMORY = 3
};

/* Row of step t of sequence b: (sequence ? sequence[b] : b * sequence_stride) + (time ? time[t] : t * time_stride). */
typedef struct tidegate_rows {
    const int64_t *sequence;
    const int64_t *time;
    int64_t sequence_stride;
    int64_t time_stride;
} tidegate_rows;

/* What both passes need to know of a call. */
typedef struct tidegate_problem {
    int64_t cell;           /* enum tidegate_cell */
    int64_t hidden;         /* H */
    int64_t batch;          /* B */
    int64_t time;           /* T, the longest that a length may be */
    int64_t directions;     /* D */
    int64_t first_reversed; /* 1: direction 0 reads from each sequence's own end. Direction 1 always does. */
    int64_t threads;
    const int64_t *lengths; /* (B,), 0 to T; NULL: all T */
    tidegate_rows rows;     /* of gates, memories, deltas: in rows of those matrices */
    tidegate_rows outputs;  /* of y and its gradient: in rows of (D·H) */
    int64_t features;       /* F, if the forward pass is to project x itself; else 0 */
    tidegate_rows inputs;   /* of x: in rows of F */
} tidegate_problem;

/* One direction, forward. */
typedef struct tidegate_forward {
    const float *recurrent;   /* W_hh (G·H, H), to be packed in the call, with `recurrent_stride` floats between rows */
    int64_t recurrent_stride;
    const float *weights;     /* the same packed by tidegate_pack, which spares it; or NULL */
    const float *input_bias;     /* (G·H,) or NULL: zeros */
    const float *recurrent_bias; /* (G·H,) or NULL: zeros */
    float *gates;             /* (N, G·H) in: x·W_ih, without biases; out, of LSTM and GRU if `save`: the gates after
                                 activation; else as they were */
    float *new_recurrent;     /* GRU and `save`: (N, H) out: W_hn·h + b_hn. Else NULL */
    float *memories;          /* LSTM and `save`: (N, H) out: the memory cell after each step. Else NULL */
    const float *hidden_in;   /* (B, H), or NULL: zeros */
    const float *memory_in;   /* LSTM: (B, H), or NULL: zeros */
    float *hidden_out;        /* (B, H) out: after the last step; of a sequence of no steps: hidden_in */
    float *memory_out;        /* LSTM: (B, H) out */
    int64_t gates_stride;     /* floats between two rows of `gates`; 0: G·H. The gates of two directions may lie side by
                                 side, so that x·W_ih is one product for both */
    const float *x;           /* if F > 0: the inputs. `gates` is then only written, and may be NULL unless `save` */
    const float *input;       /* if F > 0: W_ih (G·H, F), to be packed in the call with W_hh */
    int64_t input_stride;
} tidegate_forward;

/* One direction, backward. */
typedef struct tidegate_backward {
    const float *recurrent;     /* W_hh (G·H, H), with `recurrent_stride` floats between rows */
    int64_t recurrent_stride;
    const float *gates;         /* as forward left them (LSTM, GRU) */
    const float *new_recurrent; /* as forward left it (GRU) */
    const float *memories;      /* as forward left them (LSTM) */
    const float *hidden_in;     /* as given to forward */
    const float *memory_in;     /* as given to forward */
    const float *d_hidden_out;  /* (B, H) gradient of hidden_out, or NULL: zeros */
    const float *d_memory_out;  /* LSTM: (B, H) gradient of memory_out, or NULL: zeros */
    float *deltas;              /* (N, G·H) out: gradient of the projected gates; may be `gates` */
    float *new_deltas;          /* GRU: (N, H) out: gradient of W_hn·h + b_hn; may be `new_recurrent`. So the deltas of W_hh
                                   are columns 0…2H of `deltas`, and these */
    float *hidden_before;       /* (N, H) out: the hidden state before each step, for the gradient of W_hh; may be
                                   `memories` */
    float *d_hidden_in;         /* (B, H) out, or NULL: not wanted */
    float *d_memory_in;         /* LSTM: (B, H) out, or NULL together with d_hidden_in */
    int64_t gates_stride;       /* floats between two rows of `gates` and of `deltas`; 0: G·H */
} tidegate_backward;

/* TIDEGATE_ABI of the library: a caller built against another must not go on. */
TIDEGATE_API int64_t tidegate_abi(void);

/* The instruction set in use: "avx512", "avx2" or "portable". Chosen once: by the environment variable TIDEGATE_ISA if
 * it names one that this machine has, else the widest that it has. */
TIDEGATE_API const char *tidegate_isa(void);

/* 1 if this machine runs the named set and the library holds it. */
TIDEGATE_API int64_t tidegate_has_isa(const char *name);

/* Takes another from now on, for tests: 1, or 0 if this machine does not have it. Packed weights of the old set are
 * invalid after it. Not while other calls run. */
TIDEGATE_API int64_t tidegate_use_isa(const char *name);

/* Whether the forward pass should project x itself: 1, or 0 if W_ih and W_hh are too large for it. */
TIDEGATE_API int64_t tidegate_projects(int64_t cell, int64_t hidden, int64_t features);

/* Floats that packed weights take, for the set in use. `features`: F if W_ih is among them, else 0. */
TIDEGATE_API int64_t tidegate_packed_size(int64_t cell, int64_t hidden, int64_t features);

/* W_hh (G·H, H) with `stride` floats between its rows and, if `features` > 0, W_ih (G·H, F), into `packed`, which begins
 * at a multiple of 64 bytes. For the forward pass. */
TIDEGATE_API int64_t tidegate_pack(int64_t cell, int64_t hidden, int64_t features, const float *recurrent, int64_t stride,
                                   const float *input, int64_t input_stride, float *packed, int64_t threads);

/* Runs D directions. y (rows, D·H): direction d fills columns d·H…(d+1)·H of the rows of true steps; if `clear`, those
 * of steps beyond a length, up to T, are set to zero. */
TIDEGATE_API int64_t tidegate_run_forward(const tidegate_problem *problem, const tidegate_forward *directions, float *y,
                                          int64_t clear, int64_t save);

/* The gradients of all that forward read. y as forward left it. d_y as y but with `d_y_strides[0]` floats from
 * sequence to sequence and `d_y_strides[1]` from step to step (both may be 0), or NULL strides: rows as y; or NULL d_y:
 * zeros. */
TIDEGATE_API int64_t tidegate_run_backward(const tidegate_problem *problem, const tidegate_backward *directions,
                                           const float *y, const float *d_y, const int64_t *d_y_strides);

/* A number that tells whether `count` floats are still the same: it mixes the bits of some hundred of them. For caches of
 * packed weights, where a change went past the caller's own books. */
TIDEGATE_API int64_t tidegate_sample(const float *values, int64_t count);

/* The activations themselves, over `count` numbers, for the tests of their error. */
TIDEGATE_API void tidegate_sigmoid(int64_t count, const float *x, float *y);
TIDEGATE_API void tidegate_tanh(int64_t count, const float *x, float *y);

/* Rows of `width` floats from one place to another, a sequence at a time: `to` and `from` say where step t of sequence b
 * lies, in rows. If `clear`, rows of `to` beyond a length are set to zero. For laying padded batches end to end and
 * back. */
TIDEGATE_API int64_t tidegate_move_rows(int64_t batch, int64_t time, int64_t width, const int64_t *lengths,
                                        const float *source, const tidegate_rows *from, float *target,
                                        const tidegate_rows *to, int64_t clear, int64_t threads);

#ifdef __cplusplus
}
#endif
#endif
