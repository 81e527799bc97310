// The part of this program that becomes ffmpeg or ffprobe, locked up.
//
// Demuxers and decoders read bytes of strangers, so they run in a process of their own. The program
// starts itself again under the name kVideoChild (see videos.h); what is declared here then runs
// before main(): it gives up what the jail denies (../jail.h), and becomes the program that its words
// name. That has its input at descriptor kVideoInput, and may open that, kVideoOutput, itself and its
// libraries, nothing else; it has no sockets, starts no processes, and has little memory and time.
//
// The words:
//
//   SECONDS BYTES DESCRIPTORS PROGRAM ARGUMENT...
//
// SECONDS of CPU, BYTES that the output may have; the descriptors from kVideoRead on, so many, are
// files and folders that may be read, of which the first two may be run as well: PROGRAM is the first
// one's path.
#pragma once

namespace selfology::file {

inline constexpr char kVideoChild[] = "selfology-video";
inline constexpr int kVideoRead = 5;

// Makes the linker keep the child's code; of no other use.
extern const int kVideoChildIsLinked;

}  // namespace selfology::file
