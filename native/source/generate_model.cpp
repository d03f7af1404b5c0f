#include "generate_model.h"

#include <algorithm>

namespace tidegate {

namespace {

constexpr int64_t whole = 16;  // floats of the widest vector, and of a line of the cache

int64_t rows_of(const tidegate_generation_layer &layer) { return gates_of(layer.cell) * layer.hidden; }

// F of a layer.
int64_t features_of(const tidegate_generation_model &model, int64_t layer) {
    return layer == 0 ? model.embedding_size : model.layer[layer - 1].hidden;
}

void copy_padded(const float *from, int64_t count, int64_t room, float *into) {
    std::fill_n(into, room, 0.0f);
    if (from) std::copy_n(from, count, into);
}

}  // namespace

const Products &products() {
#ifdef TIDEGATE_X86
    if (kernels().width == products_avx512.width) return products_avx512;
    if (kernels().width == products_avx2.width) return products_avx2;
#endif
    return products_portable;
}

PackedModel::PackedModel(const tidegate_generation_model &model) : model_(model), set_(kernels()), products_(products()) {
    const auto place = [this](int64_t floats) {
        const int64_t at = floats_;
        floats_ += round_up(floats, whole);
        return at;
    };
    for (int64_t l = 0; l < model.layers; ++l) {
        const tidegate_generation_layer &layer = model.layer[l];
        const int64_t features = l == 0 && model.tabled ? 0 : features_of(model, l);
        const int64_t weights = place(packed_floats(set_, layer.cell, layer.hidden, features));
        layers_.push_back({weights, place(bias_floats(set_, layer.cell, layer.hidden)), features});
    }
    top_ = model.layer[model.layers - 1].hidden;
    outputs_ = model.projection ? model.embedding_size : top_;
    if (model.tabled) table_ = place(model.symbols * rows_of(model.layer[0]));
    if (model.projection) {
        projection_ = place(product_floats(model.embedding_size, top_, products_.width));
        projection_bias_ = place(product_rows(model.embedding_size, products_.width));
    }
    output_ = place(product_floats(model.symbols, outputs_, products_.width));
    output_bias_ = place(product_rows(model.symbols, products_.width));
}

void PackedModel::pack(float *into) const {
    for (int64_t l = 0; l < model_.layers; ++l) {
        const tidegate_generation_layer &layer = model_.layer[l];
        const PackedLayer &at = layers_[static_cast<size_t>(l)];
        const int64_t h = layer.hidden, panels = forward_panels(gates_of(layer.cell), h, set_.width).count;
        set_.pack_forward(layer.cell, h, {layer.recurrent, h, layer.input, at.features, at.features}, into + at.weights, 0, panels);
        tidegate_problem problem = {};
        problem.cell = layer.cell;
        problem.hidden = h;
        tidegate_forward direction = {};
        direction.input_bias = layer.input_bias;
        direction.recurrent_bias = layer.recurrent_bias;
        pack_bias(set_, problem, direction, into + at.bias);
    }
    if (model_.tabled) pack_table(into + table_);
    if (model_.projection) {
        products_.pack(model_.embedding_size, top_, model_.projection, into + projection_);
        copy_padded(nullptr, 0, product_rows(model_.embedding_size, products_.width), into + projection_bias_);
    }
    products_.pack(model_.symbols, outputs_, model_.output, into + output_);
    copy_padded(model_.output_bias, model_.symbols, product_rows(model_.symbols, products_.width), into + output_bias_);
}

void PackedModel::pack_table(float *into) const {
    const int64_t rows = rows_of(model_.layer[0]), size = model_.embedding_size, room = product_rows(rows, products_.width);
    std::vector<float> weights(static_cast<size_t>(product_floats(rows, size, products_.width)));
    std::vector<float> zeros(static_cast<size_t>(room)), row(static_cast<size_t>(room));
    products_.pack(rows, size, model_.layer[0].input, weights.data());
    for (int64_t k = 0; k < model_.symbols; ++k) {
        products_.run(rows, size, weights.data(), zeros.data(), model_.embedding + k * size, row.data());
        std::copy_n(row.data(), rows, into + k * rows);
    }
}

Walk::Walk(const tidegate_generation_model &model, const float *packed, float *states)
    : layout_(model), packed_(packed), states_(states) {
    const int64_t room = product_rows(model.symbols, whole) + product_rows(model.embedding_size, whole);
    int64_t floats = room + round_up(layout_.top_, whole);
    for (int64_t l = 0; l < model.layers; ++l) {
        floats += 2 * round_up(features_of(model, l), whole) + 3 * round_up(model.layer[l].hidden, whole);
    }
    memory_.assign(static_cast<size_t>(floats), 0.0f);
    float *next = memory_.data();
    const auto place = [&next](int64_t count) {
        float *at = next;
        next += round_up(count, whole);
        return at;
    };
    for (int64_t l = 0; l < model.layers; ++l) {
        const int64_t offset = round_up(features_of(model, l), whole), h = model.layer[l].hidden;
        Carried one = {{nullptr, nullptr}, nullptr, offset};
        for (float *&hidden : one.hidden) hidden = place(offset + round_up(h, whole)) + offset;
        one.memory = place(h);
        carried_.push_back(one);
    }
    top_ = place(layout_.top_);
    projected_ = place(model.embedding_size);
    scores_ = place(model.symbols);
    each_state([](float *outside, float *inside, int64_t count) { std::copy_n(outside, count, inside); });
}

template <class Move>
void Walk::each_state(const Move &move) {
    float *outside = states_;
    for (int64_t l = 0; l < layout_.model_.layers; ++l) {
        const tidegate_generation_layer &layer = layout_.model_.layer[l];
        const Carried &one = carried_[static_cast<size_t>(l)];
        move(outside, one.hidden[now_], layer.hidden);
        outside += layer.hidden;
        if (layer.cell != TIDEGATE_LSTM) continue;
        move(outside, one.memory, layer.hidden);
        outside += layer.hidden;
    }
}

void Walk::give_back() {
    each_state([](float *outside, float *inside, int64_t count) { std::copy_n(inside, count, outside); });
}

void Walk::read(int64_t symbol) {
    const FlushDenormals flush;
    const tidegate_generation_model &model = layout_.model_;
    const float *looked_up = nullptr;
    if (model.tabled) {
        looked_up = packed_ + layout_.table_ + symbol * rows_of(model.layer[0]);
    } else {
        const Carried &first = carried_.front();
        std::copy_n(model.embedding + symbol * model.embedding_size, model.embedding_size, first.hidden[now_] - first.input_offset);
    }
    for (int64_t l = 0; l < model.layers; ++l) step(l, l == 0 ? looked_up : nullptr);
    now_ = 1 - now_;
}

void Walk::step(int64_t layer, const float *looked_up) {
    const tidegate_generation_layer &own = layout_.model_.layer[layer];
    const PackedLayer &at = layout_.layers_[static_cast<size_t>(layer)];
    const Carried &one = carried_[static_cast<size_t>(layer)];
    // What a layer gives is written to where the layer above expects its input.
    float *y = top_;
    if (layer + 1 < layout_.model_.layers) {
        const Carried &above = carried_[static_cast<size_t>(layer + 1)];
        y = above.hidden[now_] - above.input_offset;
    }
    // Gates are only read, since nothing is saved for a backward pass.
    const ForwardLane lane = {const_cast<float *>(looked_up), y, nullptr, nullptr};
    ForwardStep step;
    step.hidden = own.hidden;
    step.features = at.features;
    step.input_offset = one.input_offset;
    step.lanes = 1;
    step.first_panel = 0;
    step.last_panel = forward_panels(gates_of(own.cell), own.hidden, layout_.set_.width).count;
    step.stride = 0;
    step.large = is_large(packed_floats(layout_.set_, own.cell, own.hidden, at.features), 1);
    step.save = false;
    step.weights = packed_ + at.weights;
    step.bias = packed_ + at.bias;
    step.outer_bias = step.bias + gates_of(own.cell) * round_up(own.hidden, layout_.set_.width);
    step.hidden_in = one.hidden[now_];
    step.hidden_out = one.hidden[1 - now_];
    step.memory = one.memory;
    step.lane = &lane;
    layout_.set_.forward[own.cell](step);
}

const float *Walk::scores() {
    const FlushDenormals flush;
    const tidegate_generation_model &model = layout_.model_;
    const float *x = top_;
    if (model.projection) {
        layout_.products_.run(model.embedding_size, layout_.top_, packed_ + layout_.projection_, packed_ + layout_.projection_bias_,
                              x, projected_);
        x = projected_;
    }
    layout_.products_.run(model.symbols, layout_.outputs_, packed_ + layout_.output_, packed_ + layout_.output_bias_, x, scores_);
    return scores_;
}

}  // namespace tidegate
