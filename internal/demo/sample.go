package demo

func (s *Server) addSample() error { return nil }
