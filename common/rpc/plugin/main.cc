#include "common/rpc/plugin/generator.h"
#include "google/protobuf/compiler/plugin.h"

int main(int argc, char** argv) {
  selfology::rpc::MeshGenerator generator;
  return google::protobuf::compiler::PluginMain(argc, argv, &generator);
}
