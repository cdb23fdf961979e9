// Package killtest holds the tests that kill the real programs, and nothing else. They must never look inside the engine: they hash what is
// there, count at the server, and read the journal's file by themselves. Start reading at TestCLI_SurvivesKills and TestApp_SurvivesKills;
// gate_test.go holds an answer or the journal's lock so that a kill is surely inside a phase.
package killtest
