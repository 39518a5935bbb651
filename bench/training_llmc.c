// The training steps of bench_training in llm.c, whose train_gpt2.c is included from where it is; nothing of it is here. Printed as Google
// Benchmark prints its JSON. Its model has biases and the approximate GELU, and it does not clip.
// usage: training_llmc NAME LAYERS HEADS WIDTH CONTEXT BATCH VOCABULARY SECONDS FILE     FILE is written and removed: the weights to begin with
#define TESTING
#include "train_gpt2.c"

#include <sys/resource.h>
#include <time.h>

enum { magic = 20240326, version = 3, header_numbers = 256, vocabulary_step = 128 };

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + 1e-9 * (double)time.tv_nsec;
}

static void write_weights(const char* path, GPT2Config config)
{
    const int header[header_numbers] = {magic, version, config.max_seq_len, config.vocab_size, config.num_layers, config.num_heads,
                                        config.channels, config.padded_vocab_size};
    size_t sizes[NUM_PARAMETER_TENSORS];
    fill_in_parameter_sizes(sizes, config);
    FILE* file = fopen(path, "wb");
    if (file == NULL || fwrite(header, sizeof header, 1, file) != 1) exit(1);
    for (size_t tensor = 0; tensor < NUM_PARAMETER_TENSORS; ++tensor)
        for (size_t i = 0; i < sizes[tensor]; ++i) {
            const float weight = 0.02f * (3.46f * (float)rand() / (float)RAND_MAX - 1.73f);
            if (fwrite(&weight, sizeof weight, 1, file) != 1) exit(1);
        }
    fclose(file);
}

int main(int count, char** words)
{
    if (count != 10) return 2;
    GPT2Config config = {0};
    config.num_layers = atoi(words[2]);
    config.num_heads = atoi(words[3]);
    config.channels = atoi(words[4]);
    config.max_seq_len = atoi(words[5]);
    config.vocab_size = atoi(words[7]);
    config.padded_vocab_size = (config.vocab_size + vocabulary_step - 1) / vocabulary_step * vocabulary_step;
    const int batch = atoi(words[6]), context = config.max_seq_len, items = batch * context;
    const double seconds = atof(words[8]);
    write_weights(words[9], config);
    FILE* messages = freopen("/dev/null", "w", stdout); // the library prints there
    if (messages == NULL) return 1;
    GPT2 model;
    gpt2_build_from_checkpoint(&model, words[9]);
    remove(words[9]);
    int* symbols = malloc((size_t)(items + 1) * sizeof(int));
    if (symbols == NULL) return 1;
    int steps = 0, made = 0;
    double begin = 0, spent = 0;
    while (steps < 2 || made < 1 || spent < seconds) {
        for (int i = 0; i <= items; ++i) symbols[i] = rand() % config.vocab_size;
        gpt2_forward(&model, symbols, symbols + 1, (size_t)batch, (size_t)context);
        gpt2_zero_grad(&model);
        gpt2_backward(&model);
        gpt2_update(&model, 3e-4f, 0.9f, 0.99f, 1e-8f, 0.1f, ++steps);
        if (steps == 1) begin = now(); // the first one allocates
        else ++made, spent = now() - begin;
    }
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    fprintf(stderr,
            "{\"benchmarks\": [{\"name\": \"%s\", \"run_type\": \"iteration\", \"items_per_second\": %f, \"peak_bytes\": %f}]}\n", words[1],
            items * made / spent, (double)usage.ru_maxrss * 1024);
    return 0;
}
