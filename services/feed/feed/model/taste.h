// A person's model: how much each feature of a post (features.h) makes them like it, and how sure
// that is. It learns from each reaction at once.
//
//   Taste taste;
//   taste.Learn(features, {.likes = true});
//   const Estimate estimate = taste.Judge(other);
//   estimate.probability                          // of a like, 0 to 1
//   store(taste.Encode());
//
// Bayesian probit regression with a normal distribution per weight, updated by moment matching. The same
// reactions in the same order give the same bytes, whether learned one by one with Encode and Decode
// between them or all at once; tests hold it to that.
//
// Threads: a value; Judge may be called from many.
// Source: Graepel, Candela, Borchert, Herbrich: Web-Scale Bayesian Click-Through Rate Prediction, ICML
// 2010, section 3. The priors are ours, chosen on simulated tastes (figures/simulated_readers.h).
// Requirement: R003-5.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/feed/feed/model/features.h"

namespace selfology::feed {

struct Reaction {
  bool likes = true;
  // How much the reaction says: standard deviation of its noise; 1 for a plain like or dislike.
  double noise = 1;
};

struct Estimate {
  double mean = 0;         // Of the latent score.
  double variance = 0;     // Of the latent score, without noise.
  double probability = 0;  // Of a like.
};

class Taste {
 public:
  // Knows nothing.
  Taste();
  // INTERNAL for what Encode did not make.
  static absl::StatusOr<Taste> Decode(std::string_view bytes);
  // Weights that were never learned take no bytes, others 10 each.
  std::string Encode() const;

  void Learn(const Features& features, const Reaction& reaction);
  Estimate Judge(const Features& features) const;

  // What the feature adds to the mean.
  double Contribution(const Feature& feature) const;
  // Of the feature's weight, apart from any post.
  double Mean(uint16_t index) const { return weights_[index].mean; }

 private:
  struct Weight {
    float mean = 0;
    float variance = 0;
  };
  std::vector<Weight> weights_;  // kFeatureCount.
};

}  // namespace selfology::feed
