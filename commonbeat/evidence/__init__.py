"""Whether what we do works: measures, studies and the statistics behind them."""
