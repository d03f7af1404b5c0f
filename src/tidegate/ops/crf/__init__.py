"""Linear-chain conditional random fields: likelihood, marginals, Viterbi, n-best."""
