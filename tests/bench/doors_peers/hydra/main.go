// ory/hydra, which is no program to be installed by its name, since it stands in for modules of its own. Its client's
// module is the released one here.
package main

import "github.com/ory/hydra/v2/cmd"

func main() { cmd.Execute() }
