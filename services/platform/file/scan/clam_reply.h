// What clamd says of a stream.
//
//   ClamReply reply = ReadClamReply("stream: Eicar-Test-Signature FOUND");   // kInfected
//
// Threads: pure functions. Source: clamd(8), "INSTREAM".
#pragma once

#include <string>
#include <string_view>

namespace selfology::file {

struct ClamReply {
  enum class Verdict {
    kClean,
    kInfected,
    kTooLarge,  // Than clamd's StreamMaxLength.
    kError,     // It cannot say.
  };
  Verdict verdict = Verdict::kError;
  std::string what = {};  // kInfected: the signature's name, printable ASCII; kError: its words.
};

ClamReply ReadClamReply(std::string_view reply);

}  // namespace selfology::file
