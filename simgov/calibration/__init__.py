"""Calibration: free parameters are fitted to what was reported, and it is said what the reports cannot tell."""

from simgov.calibration.calibrate import calibrate
from simgov.calibration.errors import CalibrationError
from simgov.calibration.found import Calibration
from simgov.calibration.posterior import Posterior
from simgov.calibration.predict import predict
from simgov.calibration.prediction import Prediction

__all__ = ["Calibration", "CalibrationError", "Posterior", "Prediction", "calibrate", "predict"]
