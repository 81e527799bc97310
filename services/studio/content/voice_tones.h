// How each tone sounds; see voice.h.
// Threads: a pure function.
#pragma once

#include "services/studio/content/voice.h"

namespace selfology::content {

// As it comes: a voice that changes nothing.
Voice VoiceOfTone(v1::Tone tone);

}  // namespace selfology::content
