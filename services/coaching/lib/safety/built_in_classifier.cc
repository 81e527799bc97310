// Apart from classifier.cc, which the program that makes the weights needs.

#include "services/coaching/lib/safety/classifier.h"
#include "services/coaching/lib/safety/weights.h"

namespace selfology::safety {

const Classifier& Classifier::BuiltIn() {
  static const Classifier* const classifier = new Classifier(Parse(kClassifierBin).value());
  return *classifier;
}

}  // namespace selfology::safety
